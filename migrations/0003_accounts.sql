-- Passwords that were tried and not found right, so that nobody tries many. `account` is the
-- digest of what was entered as an address, null once its owner has logged in.
create table password_attempts (
    id       uuid primary key,
    account  text,
    network  text not null,
    at       timestamptz not null
);
create index password_attempts_of_account on password_attempts (account, at);
create index password_attempts_of_network on password_attempts (network, at);
create index password_attempts_by_time on password_attempts (at);

-- Links that let somebody in once; the secret in them is kept as a digest only. `expires_at`
-- null: until it is used or another one takes its place.
create table one_time_links (
    digest      text primary key,
    kind        text not null,
    user_id     uuid references users (id),
    created_at  timestamptz not null,
    expires_at  timestamptz,
    used_at     timestamptz
);

-- Written at most every few minutes; null until then.
alter table sessions add column seen_at timestamptz;
create index sessions_of_user on sessions (user_id);
