-- What teams say of themselves, for everybody. `profile_revision` goes up with every change; who made the last one, and when, is
-- null until somebody has said something.
alter table teams add column affiliation text not null default '';
alter table teams add column website text not null default '';
alter table teams add column description text not null default '';
alter table teams add column profile_revision bigint not null default 1;
alter table teams add column profile_at timestamptz;
alter table teams add column profile_by uuid references users (id);

-- What a team said of itself earlier: since when, and by whom. Rows are only added.
create table past_profiles (
    team_id      uuid not null references teams (id),
    revision     bigint not null,
    at           timestamptz not null,
    author       uuid not null references users (id),
    affiliation  text not null,
    website      text not null,
    description  text not null,
    primary key (team_id, revision)
);

-- The questions about methods that a phase asks, in their order.
alter table phases add column questions jsonb not null default '[]';

-- What a team says of a method; `url` is its paper. `revision` goes up with every change; who made the last one, and when, is null
-- while it says what was sent. Each answer has the words of its question.
alter table submissions add column code_url text not null default '';
alter table submissions add column data_url text not null default '';
alter table submissions add column answers jsonb not null default '[]';
alter table submissions add column revision bigint not null default 1;
alter table submissions add column changed_at timestamptz;
alter table submissions add column changed_by uuid references users (id);

-- What was said of a method earlier: since when, and by whom. Rows are only added.
create table past_methods (
    submission_id  uuid not null references submissions (id),
    revision       bigint not null,
    at             timestamptz not null,
    author         uuid not null references users (id),
    method         text not null,
    description    text not null,
    url            text not null,
    code_url       text not null,
    data_url       text not null,
    answers        jsonb not null,
    primary key (submission_id, revision)
);
