-- The first schema. One text for SQLite and PostgreSQL; README.md says what that asks of a migration.
--
-- A column `…_folded` is what another one is searched by, written by the program, which knows the letter case of every
-- script. Addresses and `name_key` are kept like that anyway.


-- Ground truth, and who imports it

create table users (
    id                   uuid primary key,
    email                text not null unique,
    display_name         text not null,
    display_name_folded  text not null,
    affiliation          text not null,
    affiliation_folded   text not null,
    password_hash        text not null,
    organiser            boolean not null,
    created_at           timestamptz not null,
    -- Since when the account is anonymous: the row stays for what refers to it.
    deleted_at           timestamptz
);

create table truth_sets (
    id          uuid primary key,
    name        text not null unique,
    digest      text not null,
    created_at  timestamptz not null,
    -- Null: imported by the command line.
    created_by  uuid references users (id)
);

-- Id, group, shape (voxels) and spacing (mm) are public. `position` keeps the order of the import.
create table cases (
    truth_set_id  uuid not null references truth_sets (id),
    case_id       text not null,
    position      bigint not null,
    case_group    text not null check (case_group in ('normal', 'diseased')),
    size_x        bigint not null check (size_x > 0),
    size_y        bigint not null check (size_y > 0),
    size_z        bigint not null check (size_z > 0),
    spacing_x     double precision not null,
    spacing_y     double precision not null,
    spacing_z     double precision not null,
    blob_key      text not null,
    -- For organisers: voxels of foreground, and 26-connected components. Null where not counted.
    foreground    bigint check (foreground >= 0),
    components    bigint check (components >= 0),
    primary key (truth_set_id, case_id)
);

-- What annotators' masks score against the truth that was made of them. `annotators`: names, and Dice and HD95
-- (mm) of every case in the set's order, for organisers. `summary`: means and standard deviations by group, for
-- everybody.
create table observers (
    truth_set_id  uuid primary key references truth_sets (id),
    at            timestamptz not null,
    created_by    uuid references users (id),
    annotators    jsonb not null,
    summary       jsonb not null
);


-- People and how they get in

-- A merged team's row stays, with its id for a `name_key`, so that its name is free. `reason`: why it has this
-- standing, where an organiser decided it.
create table teams (
    id           uuid primary key,
    name         text not null,
    name_key     text not null unique,
    standing     text not null check (standing in ('pending', 'approved', 'suspended')),
    reason       text,
    merged_into  uuid references teams (id),
    created_at   timestamptz not null
);

-- One team a person.
create table team_members (
    user_id    uuid primary key references users (id),
    team_id    uuid not null references teams (id),
    leader     boolean not null,
    joined_at  timestamptz not null
);
create index team_members_of_team on team_members (team_id);

-- Secrets (of tokens, sessions, links and invitations) are kept as SHA-256 digests only.
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

-- Where a token was used from, and when for the first time.
create table token_networks (
    token_id  uuid not null references tokens (id),
    network   text not null,
    seen_at   timestamptz not null,
    primary key (token_id, network)
);

-- `seen_at` is written at most every few minutes; null until then.
create table sessions (
    digest      text primary key,
    user_id     uuid references users (id),
    data        jsonb not null,
    expires_at  timestamptz not null,
    seen_at     timestamptz
);
create index sessions_of_user on sessions (user_id);

-- `expires_at` null: until it is used or another one takes its place.
create table one_time_links (
    digest      text primary key,
    kind        text not null check (kind in ('reset', 'welcome')),
    user_id     uuid references users (id),
    created_at  timestamptz not null,
    expires_at  timestamptz,
    used_at     timestamptz
);

-- A team has one at most, which any number of people may follow; one without a team is for one new person.
create table invitations (
    digest      text primary key,
    team_id     uuid unique references teams (id),
    invited_by  uuid not null references users (id),
    created_at  timestamptz not null,
    expires_at  timestamptz not null
);

-- Who has signed up where mail is sent, and has not confirmed the address yet: there is no account until then.
-- `digest` is of the secret in the link, `invitation` of the one in the invitation that was followed.
create table sign_ups (
    digest         text primary key,
    email          text not null,
    display_name   text not null,
    affiliation    text not null,
    password_hash  text not null,
    team           text,
    invitation     text,
    next           text not null,
    created_at     timestamptz not null,
    expires_at     timestamptz not null
);
create index sign_ups_of_address on sign_ups (email, created_at);

-- How often strangers may try something: until when a bucket is emptying. Its name is a digest of what is tried
-- and of whom.
create table throttles (
    bucket      text primary key,
    busy_until  timestamptz not null
);
create index throttles_by_time on throttles (busy_until);

-- Networks and browsers that people have logged in from, as digests.
create table known_places (
    user_id  uuid not null references users (id),
    place    text not null,
    seen_at  timestamptz not null,
    primary key (user_id, place)
);
create index known_places_by_time on known_places (seen_at);


-- Phases

create table phases (
    id                  uuid primary key,
    slug                text not null unique,
    title               text not null,
    description         text not null,
    -- The active one.
    truth_set_id        uuid not null references truth_sets (id),
    opens_at            timestamptz not null,
    closes_at           timestamptz,
    quota               bigint not null check (quota > 0),
    quota_period_hours  bigint not null check (quota_period_hours > 0),
    -- Null: ten times the quota.
    attempts            bigint check (attempts > 0),
    -- How many submissions of a team count in the whole phase; null: no limit.
    total               bigint check (total > 0),
    feedback            text not null check (feedback in ('hidden', 'improved', 'rounded', 'per_case')),
    -- Whether everybody sees the values of single cases where aggregates are shown exactly.
    cases_public        boolean not null,
    counting            text not null check (counting in ('best', 'latest', 'all')),
    scheme              text not null check (scheme in
        ('mean_of_positions', 'dice_only', 'rank_then_aggregate', 'test_then_rank')),
    leaderboard         text not null check (leaderboard in ('public', 'hidden', 'frozen')),
    frozen_at           timestamptz,
    publication         text not null check (publication in ('automatic', 'after_review')),
    late                text not null check (late in ('refused', 'unranked')),
    -- Whether it takes submissions of teams that no organiser has approved.
    approval            text not null check (approval in ('none', 'required')),
    needs_method        boolean not null,
    needs_description   boolean not null,
    needs_url           boolean not null,
    -- Since when the results are final.
    final_at            timestamptz,
    created_at          timestamptz not null
);

-- What a phase's ranking went by until it was changed.
create table past_phases (
    phase_id      uuid not null references phases (id),
    until         timestamptz not null,
    truth_set_id  uuid not null references truth_sets (id),
    counting      text not null,
    scheme        text not null,
    approval      text not null,
    feedback      text not null,
    cases_public  boolean not null,
    primary key (phase_id, until)
);

-- The standing that a team had until it was changed.
create table past_standings (
    team_id   uuid not null,
    until     timestamptz not null,
    standing  text not null,
    primary key (team_id, until)
);

-- Moments whose exact ranking and analysis organisers have published.
create table snapshots (
    phase_id    uuid not null references phases (id),
    at          timestamptz not null,
    created_by  uuid references users (id),
    reason      text not null,
    primary key (phase_id, at)
);


-- Submissions: what a team sent

-- `truth_set_id`: the set whose cases the upload was checked for when it was accepted, so there is one file for each
-- of them. `late`: sent after the phase had closed, never ranked. `small_change`: the masks of all but few cases are
-- those of an earlier submission of the team.
create table submissions (
    id               uuid primary key,
    phase_id         uuid not null references phases (id),
    team_id          uuid not null references teams (id),
    user_id          uuid not null references users (id),
    truth_set_id     uuid not null references truth_sets (id),
    method           text not null,
    method_folded    text not null,
    description      text not null,
    url              text not null,
    blob_key         text not null,
    upload_bytes     bigint not null,
    upload_sha256    text not null,
    idempotency_key  text,
    request_sha256   text not null,
    published        boolean not null,
    disqualified     boolean not null,
    late             boolean not null,
    small_change     boolean not null default false,
    created_at       timestamptz not null
);
create unique index submissions_idempotency on submissions (user_id, idempotency_key)
    where idempotency_key is not null;
create index submissions_of_team on submissions (team_id, phase_id, created_at);
create index submissions_of_phase on submissions (phase_id, created_at);

-- What the masks of a submission are, whatever files they came in: foreground voxels, and SHA-256 of shape and
-- bits. They are facts of the upload, not of a truth set.
create table case_masks (
    submission_id  uuid not null references submissions (id),
    case_id        text not null,
    voxels         bigint not null check (voxels >= 0),
    sha256         text not null,
    primary key (submission_id, case_id)
);
create index case_masks_by_digest on case_masks (sha256);

-- What organisers should look at. `other_id`: the submission it is like. `cases`: how many cases, or submissions,
-- it is about.
create table flags (
    submission_id  uuid not null references submissions (id),
    position       bigint not null,
    kind           text not null check (kind in
        ('same_masks', 'shared_masks', 'probe_sizes', 'no_overlap', 'equal_sizes', 'case_replaced', 'few_cases_changed')),
    other_id       uuid references submissions (id),
    cases          bigint not null,
    primary key (submission_id, position)
);

-- What was decided about a submission, by whom and why. The team sees what and why. Append-only, by triggers that
-- the program adds, so that the ranking of an earlier moment can be shown.
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


-- Evaluations: a submission scored against a truth set by a version of the scorer

-- A corrected truth set that is tried on a phase. `comparison`: the positions before and after, as they were when
-- it was activated; `replaced_id`: the set that the phase had before.
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

-- The job and the result, and the only place where either is kept.
--
-- It is official, what its phase says of the submission, from `official_from` until `official_until`. One of a trial
-- (`trial_id`) is not until the trial is activated; of a submission one is official and has no end: the current one.
--
-- `attempt` fences: it only grows, and a result is written for the attempt that computed it. `tries` counts errors of
-- ours, `interruptions` the ends of processes that were scoring it. `lease_until` in the future: leave it alone.
create table evaluations (
    id              uuid primary key,
    submission_id   uuid not null references submissions (id),
    truth_set_id    uuid not null references truth_sets (id),
    trial_id        uuid references trials (id),
    state           text not null
        check (state in ('queued', 'scoring', 'scored', 'invalid', 'failed', 'cancelled')),
    attempt         bigint not null default 0,
    tries           bigint not null default 0,
    interruptions   bigint not null default 0,
    worker          text,
    lease_until     timestamptz,
    cases_done      bigint not null default 0,
    scorer_version  text,
    problems        jsonb,
    failure         text,
    created_at      timestamptz not null,
    finished_at     timestamptz,
    official_from   timestamptz,
    official_until  timestamptz,
    -- Whether its masks were compared with those of others.
    inspected       boolean not null default false,
    unique (trial_id, submission_id),
    check ((finished_at is null) = (state in ('queued', 'scoring'))),
    check (state <> 'scored' or scorer_version is not null),
    check (trial_id is not null or official_from is not null),
    check (official_until is null or official_from is not null)
);
create index evaluations_of_submission on evaluations (submission_id);
create unique index evaluations_current on evaluations (submission_id)
    where official_from is not null and official_until is null;
create index evaluations_waiting on evaluations (created_at) where state in ('queued', 'scoring');
create index evaluations_to_inspect on evaluations (submission_id)
    where state = 'scored' and not inspected and official_from is not null and official_until is null;

-- HD95 and the rest of a case; secondary metrics are null where they were not computed. `component_difference`: the
-- number of 26-connected components of the prediction minus that of the truth.
create table evaluation_results (
    evaluation_id         uuid not null references evaluations (id),
    case_id               text not null,
    dice                  double precision not null check (dice between 0 and 1),
    hd95                  double precision not null check (hd95 >= 0),
    warnings              jsonb not null,
    cl_dice               double precision,
    surface_dice          double precision,
    voxel_precision       double precision,
    voxel_recall          double precision,
    component_difference  bigint,
    primary key (evaluation_id, case_id)
);

-- What is or was official. Readers of states and scores use these two views and not the tables, so that nobody is
-- shown what is only tried. `result_from`: since when the result holds; null until there is one.
create view official_evaluations as
    select e.id, e.submission_id, s.phase_id, s.team_id, e.truth_set_id, e.state, e.attempt, e.worker, e.lease_until,
           e.cases_done, e.scorer_version, e.problems, e.failure, e.created_at, e.finished_at, e.official_from,
           e.official_until, e.inspected,
           case when e.finished_at < e.official_from then e.official_from else e.finished_at end as result_from
    from evaluations e
    join submissions s on s.id = e.submission_id
    where e.official_from is not null;

create view official_results as
    select o.submission_id, o.phase_id, o.truth_set_id, o.scorer_version, o.result_from, o.official_until, c.position,
           r.evaluation_id, r.case_id, r.dice, r.hd95, r.warnings, r.cl_dice, r.surface_dice, r.voxel_precision,
           r.voxel_recall, r.component_difference
    from official_evaluations o
    join evaluation_results r on r.evaluation_id = o.id
    join cases c on c.truth_set_id = o.truth_set_id and c.case_id = r.case_id
    where o.state = 'scored';


-- The challenge as a whole

-- What is not here has its usual value.
create table settings (
    name   text primary key,
    value  text not null
);

-- What organisers announce to everybody, in Markdown. One that is withdrawn is kept, and shown to nobody.
create table announcements (
    id            uuid primary key,
    at            timestamptz not null,
    title         text not null,
    text          text not null,
    withdrawn_at  timestamptz
);

-- Who did what, when, and what was before and after. Append-only, by triggers that the program adds.
create table audit (
    id             uuid primary key,
    at             timestamptz not null,
    actor          uuid references users (id),
    action         text not null,
    subject        text not null,
    detail         jsonb not null,
    detail_folded  text not null
);
create index audit_by_time on audit (at);
create index audit_by_actor on audit (actor, id);
create index audit_by_action on audit (action, id);
create index audit_by_subject on audit (subject, id);

-- Counts up in the transaction of every change that a leaderboard may show.
create table revisions (
    name   text primary key,
    value  bigint not null
);
insert into revisions (name, value) values ('ranking', 0);

-- One row, written again and again by whoever wants to know whether writing works.
create table write_checks (
    id  bigint primary key,
    at  timestamptz not null
);
