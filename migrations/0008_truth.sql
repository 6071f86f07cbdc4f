-- Trying a truth set on a phase's submissions before it becomes the phase's own.

alter table truth_sets add column created_by uuid references users (id);

-- What organisers see of a case besides its public part; null for sets imported earlier, and
-- components also where they were not counted.
alter table cases add column foreground bigint;
alter table cases add column components bigint;

-- `comparison`: the positions before and after, as they were when the trial was activated.
create table trials (
    id            uuid primary key,
    phase_id      uuid not null references phases (id),
    truth_set_id  uuid not null references truth_sets (id),
    created_by    uuid references users (id),
    created_at    timestamptz not null,
    activated_at  timestamptz,
    replaced_id   uuid references truth_sets (id),
    comparison    jsonb
);
create index trials_of_phase on trials (phase_id);

-- A submission in a trial. The row is a job like a submission's own, with columns of the same
-- names and meanings, so that one text does for both and an activation copies them.
create table trial_entries (
    id              uuid primary key,
    trial_id        uuid not null references trials (id),
    submission_id   uuid not null references submissions (id),
    state           text not null
        check (state in ('queued', 'scoring', 'scored', 'invalid', 'failed', 'cancelled')),
    attempt         bigint not null,
    tries           bigint not null,
    worker          text,
    lease_until     timestamptz,
    cases_done      bigint not null,
    scorer_version  text,
    truth_set_id    uuid references truth_sets (id),
    problems        jsonb,
    failure         text,
    created_at      timestamptz not null,
    finished_at     timestamptz,
    unique (trial_id, submission_id)
);
create index trial_entries_of_submission on trial_entries (submission_id);
create index trial_entries_waiting on trial_entries (created_at)
    where state in ('queued', 'scoring');

create table trial_results (
    entry_id              uuid not null references trial_entries (id),
    case_id               text not null,
    dice                  double precision not null,
    hd95                  double precision not null,
    warnings              jsonb not null,
    cl_dice               double precision,
    surface_dice          double precision,
    voxel_precision       double precision,
    voxel_recall          double precision,
    component_difference  bigint,
    primary key (entry_id, case_id)
);
