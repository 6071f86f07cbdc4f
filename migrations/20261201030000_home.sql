-- What the challenge is called and says of itself: one row, which the program adds when it first opens the database.
create table challenge (
    id           bigint primary key check (id = 1),
    -- Names the feed of news, for ever.
    feed_id      uuid not null,
    name         text not null,
    tagline      text not null,
    description  text not null,
    -- An e-mail address or a web page; empty for none.
    contact      text not null,
    organisers   text not null,
    licence      text not null,
    links        jsonb not null,
    -- Goes up with every change.
    revision     bigint not null
);

-- Pictures that organisers upload: the challenge's logo, called logo, and those of its pages, with their kind as extension.
create table images (
    name      text primary key,
    kind      text not null check (kind in ('png', 'jpeg', 'webp')),
    width     bigint not null,
    height    bigint not null,
    sha256    text not null,
    bytes     bytea not null,
    added_at  timestamptz not null
);

-- Pages of the challenge's own. What a page says, and whether everybody sees it, is in its latest revision.
create table pages (
    slug      text primary key,
    revision  bigint not null
);

-- All that a page has said. Rows are only added.
create table page_revisions (
    slug       text not null references pages (slug),
    revision   bigint not null,
    at         timestamptz not null,
    author     uuid not null references users (id),
    title      text not null,
    -- Where it stands among the pages: smaller comes first.
    place      bigint not null,
    -- In Markdown.
    body       text not null,
    published  boolean not null,
    primary key (slug, revision)
);
