-- What organisers tell everybody, in Markdown. One that is withdrawn is kept, and shown to nobody.
create table announcements (
    id            uuid primary key,
    at            timestamptz not null,
    title         text not null,
    text          text not null,
    withdrawn_at  timestamptz
);

alter table phases add column description text not null default '';
alter table phases add column scheme text not null default 'mean_of_positions';
