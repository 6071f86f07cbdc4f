//! Which errors tell that the engine can't work just now, rather than that something wrong was asked of it.

use sqlx::Error;

/// PostgreSQL's classes of errors, <https://www.postgresql.org/docs/current/errcodes-appendix.html>: connections,
/// resources (a full disk, no memory, too many connections), an operator's stop or start, and the system.
const POSTGRES_CLASSES: [&str; 4] = ["08", "53", "57P", "58"];

/// Others of PostgreSQL's that pass: a standby that is no primary yet, a deadlock, a conflict of transactions.
const POSTGRES_CODES: [&str; 3] = ["25006", "40P01", "40001"];

/// SQLite's primary codes, <https://www.sqlite.org/rescode.html>: BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR,
/// FULL, CANTOPEN, PROTOCOL.
const SQLITE_CODES: [i64; 9] = [5, 6, 7, 8, 9, 10, 13, 14, 15];

pub fn is_outage(error: &Error) -> bool {
    match error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => true,
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            match error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                Some(_) => is_postgres_outage(&code),
                None => code.parse::<i64>().is_ok_and(is_sqlite_outage),
            }
        }
        _ => false,
    }
}

fn is_postgres_outage(code: &str) -> bool {
    POSTGRES_CODES.contains(&code) || POSTGRES_CLASSES.iter().any(|class| code.starts_with(class))
}

/// Extended codes hold the primary one in their lowest byte.
fn is_sqlite_outage(code: i64) -> bool {
    SQLITE_CODES.contains(&(code & 0xff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_outage_and_a_broken_rule_is_none() {
        // SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_CONSTRAINT_UNIQUE, SQLITE_ERROR
        assert_eq!([13, 778, 2067, 1].map(is_sqlite_outage), [true, true, false, false]);
        // disk_full, cannot_connect_now, query_canceled, unique_violation, undefined_table
        let codes = ["53100", "57P03", "57014", "23505", "42P01"];
        assert_eq!(codes.map(is_postgres_outage), [true, true, false, false, false]);
    }
}
