-- What was decided about a submission, by whom and why. The team sees what and why. Rows are only
-- ever added, so that the ranking of an earlier moment can be told.

create table decisions (
    id             uuid primary key,
    submission_id  uuid not null references submissions (id),
    at             timestamptz not null,
    actor          uuid references users (id),
    decision       text not null check (decision in
        ('publish', 'hide', 'disqualify', 'reinstate', 'cancel', 'requeue', 'rescore')),
    reason         text not null
);
create index decisions_of_submission on decisions (submission_id, id);

create index audit_by_actor on audit (actor, id);
create index audit_by_action on audit (action, id);
create index audit_by_subject on audit (subject, id);
