-- What an organiser sees of how fast the queue is.
create index evaluations_ended on evaluations (finished_at);

-- Since when it is known that mail to the address reaches the person; null: it is not. Nothing but what the person asks
-- for is sent to such an address.
alter table users add column confirmed_at timestamptz;

-- What people are told by mail, written with what it tells of. `subject`: the id of the submission, team, announcement or
-- letter. `detail`: what was so at that moment.
create table mail_events (
    id       uuid primary key,
    kind     text not null check (kind in
        ('approval', 'result', 'decision', 'news', 'letter', 'team_waiting', 'submission_failed')),
    subject  uuid not null,
    detail   jsonb not null,
    at       timestamptz not null
);

-- Whom it is told. Those of a kind that wait for the same person may go as one mail. Whoever sends them claims them, and
-- nobody else does until `lease_until`. `dropped`: nothing to tell the person any more.
create table mails (
    event_id     uuid not null references mail_events (id),
    user_id      uuid not null references users (id),
    kind         text not null,
    state        text not null check (state in ('waiting', 'sent', 'failed', 'dropped')),
    created_at   timestamptz not null,
    due_at       timestamptz not null,
    tries        bigint not null,
    claim        uuid,
    lease_until  timestamptz,
    failure      text,
    ended_at     timestamptz,
    primary key (event_id, user_id)
);
create index mails_due on mails (due_at) where state = 'waiting';
create index mails_of_user on mails (user_id, kind, ended_at);

-- The kinds of mail that a person has switched off.
create table mails_off (
    user_id  uuid not null references users (id),
    kind     text not null,
    primary key (user_id, kind)
);

-- What a mail can be switched off with: `digest` is of the secret in its link.
create table mail_links (
    digest      text primary key,
    user_id     uuid not null references users (id),
    kind        text not null,
    created_at  timestamptz not null
);

-- What organisers write to many. `key` is of the form, so that one that is sent twice makes one letter.
create table letters (
    id         uuid primary key,
    key        text not null unique,
    at         timestamptz not null,
    author     uuid not null references users (id),
    audience   text not null check (audience in ('everybody', 'phase', 'without_submission')),
    phase_id   uuid,
    subject    text not null,
    text       text not null,
    receivers  bigint not null
);
