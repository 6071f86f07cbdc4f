-- Failures that are nobody's fault are counted apart from those of scoring: `tries` counts errors, `interruptions`
-- the ends of processes that were scoring the row, which cost it a pause and are allowed far more often.
alter table submissions add column interruptions bigint not null default 0;
alter table trial_entries add column interruptions bigint not null default 0;

-- One row, written again and again by whoever wants to know whether writing works.
create table write_checks (
    id  bigint primary key,
    at  timestamptz not null
);
