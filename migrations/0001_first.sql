-- One text for SQLite and PostgreSQL. Ids are UUIDv7 made by the program, so they
-- sort by time; timestamps are UTC with microseconds, written by the program too.

create table truth_sets (
    id          uuid primary key,
    name        text not null unique,
    digest      text not null,
    created_at  timestamptz not null
);

-- The public part of a case. `position` keeps the order of the import.
create table cases (
    truth_set_id  uuid not null references truth_sets (id),
    case_id       text not null,
    position      bigint not null,
    case_group    text not null check (case_group in ('normal', 'diseased')),
    size_x        bigint not null,
    size_y        bigint not null,
    size_z        bigint not null,
    spacing_x     double precision not null,
    spacing_y     double precision not null,
    spacing_z     double precision not null,
    blob_key      text not null,
    primary key (truth_set_id, case_id)
);

create table users (
    id             uuid primary key,
    email          text not null unique,
    display_name   text not null,
    affiliation    text not null,
    password_hash  text not null,
    organiser      boolean not null,
    created_at     timestamptz not null
);

create table teams (
    id          uuid primary key,
    name        text not null,
    name_key    text not null unique,
    standing    text not null check (standing in ('pending', 'approved', 'suspended')),
    created_at  timestamptz not null
);

-- One team a person.
create table team_members (
    user_id    uuid primary key references users (id),
    team_id    uuid not null references teams (id),
    leader     boolean not null,
    joined_at  timestamptz not null
);
create index team_members_of_team on team_members (team_id);

create table tokens (
    id            uuid primary key,
    user_id       uuid not null references users (id),
    name          text not null,
    digest        text not null unique,
    hint          text not null,
    scope         text not null check (scope in ('read', 'submit', 'organise')),
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
create index tokens_of_user on tokens (user_id);

create table sessions (
    digest      text primary key,
    user_id     uuid references users (id),
    data        jsonb not null,
    expires_at  timestamptz not null
);

create table phases (
    id                  uuid primary key,
    slug                text not null unique,
    title               text not null,
    truth_set_id        uuid not null references truth_sets (id),
    opens_at            timestamptz not null,
    closes_at           timestamptz,
    quota               bigint not null check (quota > 0),
    quota_period_hours  bigint not null check (quota_period_hours > 0),
    feedback            text not null check (feedback in ('hidden', 'improved', 'rounded', 'per_case')),
    counting            text not null check (counting in ('best', 'latest', 'all')),
    created_at          timestamptz not null
);

-- The row is the job. `attempt` fences: it only ever grows, and a result is written
-- for the attempt that computed it. `tries` counts towards giving up and starts anew
-- when an organiser requeues. `lease_until` in the future: leave the row alone.
create table submissions (
    id                uuid primary key,
    phase_id          uuid not null references phases (id),
    team_id           uuid not null references teams (id),
    user_id           uuid not null references users (id),
    method            text not null,
    description       text not null,
    url               text not null,
    blob_key          text not null,
    upload_bytes      bigint not null,
    upload_sha256     text not null,
    idempotency_key   text,
    request_sha256    text not null,
    state             text not null
        check (state in ('queued', 'scoring', 'scored', 'invalid', 'failed', 'cancelled')),
    attempt           bigint not null,
    tries             bigint not null,
    worker            text,
    lease_until       timestamptz,
    cases_done        bigint not null,
    scorer_version    text,
    truth_set_id      uuid references truth_sets (id),
    problems          jsonb,
    failure           text,
    published         boolean not null,
    disqualified      boolean not null,
    created_at        timestamptz not null,
    finished_at       timestamptz
);
create unique index submissions_idempotency on submissions (user_id, idempotency_key)
    where idempotency_key is not null;
create index submissions_waiting on submissions (created_at)
    where state in ('queued', 'scoring');
create index submissions_of_team on submissions (team_id, phase_id, created_at);

create table case_results (
    submission_id  uuid not null references submissions (id),
    case_id        text not null,
    dice           double precision not null,
    hd95           double precision not null,
    warnings       jsonb not null,
    primary key (submission_id, case_id)
);

create table audit (
    id       uuid primary key,
    at       timestamptz not null,
    actor    uuid references users (id),
    action   text not null,
    subject  text not null,
    detail   jsonb not null
);
create index audit_by_time on audit (at);
