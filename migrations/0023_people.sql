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
