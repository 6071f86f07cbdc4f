-- Since when an account is nobody's: what told whose it was is gone, the row stays for what refers to it.
alter table users add column deleted_at timestamptz;

-- Where a token was used from, and when for the first time.
create table token_networks (
    token_id  uuid not null references tokens (id),
    network   text not null,
    seen_at   timestamptz not null,
    primary key (token_id, network)
);
