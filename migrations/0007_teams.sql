-- What holds for the challenge as a whole; what is not here has its usual value.
create table settings (
    name   text primary key,
    value  text not null
);

-- Why a team stands as it does. All that a merged team had belongs to another one; its row stays,
-- with its id for a `name_key`, so that its name is free.
alter table teams add column reason text;
alter table teams add column merged_into uuid references teams (id);

-- Links that let people in; the secret in them is kept as a digest only. A team has one at most,
-- which any number of people may follow; one without a team is for one new person.
create table invitations (
    digest      text primary key,
    team_id     uuid unique references teams (id),
    invited_by  uuid not null references users (id),
    created_at  timestamptz not null,
    expires_at  timestamptz not null
);
