-- Counts the changes of a phase, so that a form that was opened before another one was saved does not undo it.
alter table phases add column revision bigint not null default 1;

-- Every short name that a phase has or had: links with an old one go on leading to it, and no other phase gets it.
create table phase_names (
    slug      text primary key,
    phase_id  uuid not null references phases (id)
);
insert into phase_names (slug, phase_id) select slug, id from phases;
create index names_of_phase on phase_names (phase_id);
