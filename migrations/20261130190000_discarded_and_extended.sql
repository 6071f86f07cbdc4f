-- A submission that organisers discard counts for nothing; one that came late, and does not any more since the phase closes
-- later, was late until `late_until`, so that rankings of earlier moments stay what they were.
alter table submissions add column discarded boolean not null default false;
alter table submissions add column late_until timestamptz;

-- The same decisions with two more words; a check can't be changed in place.
create table new_decisions (
    id             uuid primary key,
    submission_id  uuid not null references submissions (id),
    at             timestamptz not null,
    actor          uuid references users (id),
    decision       text not null check (decision in
        ('publish', 'hide', 'disqualify', 'reinstate', 'discard', 'restore', 'cancel', 'requeue', 'rescore')),
    reason         text not null
);
insert into new_decisions (id, submission_id, at, actor, decision, reason)
    select id, submission_id, at, actor, decision, reason from decisions order by id;
drop table decisions;
alter table new_decisions rename to decisions;
create index decisions_of_submission on decisions (submission_id, id);
