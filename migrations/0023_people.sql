-- How often strangers may try something: until when a bucket is emptying. Its name is a digest of what is tried and of
-- whom. Takes the place of single attempts.
drop table password_attempts;
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

-- Who has signed up where mail is sent, and has not confirmed the address yet: no account is made until then. `digest` is of
-- the secret in the link, `invitation` of the one in the invitation that was followed.
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

-- Whether a phase takes submissions of teams that no organiser has approved, now and until an earlier change.
alter table phases add column approval text not null default 'none';
alter table past_phases add column approval text not null default 'none';
