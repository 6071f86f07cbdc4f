-- An e-mail address that a person wants to have instead, until the link in the mail to it is followed. The newest counts.
create table address_changes (
    user_id     uuid primary key references users (id),
    digest      text not null unique,
    email       text not null,
    expires_at  timestamptz not null
);
