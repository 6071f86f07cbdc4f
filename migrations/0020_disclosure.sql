-- What of the scores is shown, and until when no more than that.

-- How many submissions of a team count in the whole phase; null: no limit.
alter table phases add column total bigint default 100;
-- Whether everybody sees the values of single cases where aggregates are shown exactly.
alter table phases add column cases_public boolean not null default false;
-- Since when the results are final.
alter table phases add column final_at timestamptz;

alter table past_phases add column feedback text not null default 'rounded';
alter table past_phases add column cases_public boolean not null default false;

-- Moments whose exact ranking and analysis organisers have published.
create table snapshots (
    phase_id    uuid not null references phases (id),
    at          timestamptz not null,
    created_by  uuid references users (id),
    reason      text not null,
    primary key (phase_id, at)
);
