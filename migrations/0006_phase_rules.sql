-- More of what an organiser says about a phase. Without attempts, ten times the quota.

alter table phases add column attempts bigint;
alter table phases add column leaderboard text not null default 'public';
alter table phases add column frozen_at timestamptz;
alter table phases add column publication text not null default 'automatic';
alter table phases add column late text not null default 'refused';
alter table phases add column needs_method boolean not null default false;
alter table phases add column needs_description boolean not null default false;
alter table phases add column needs_url boolean not null default false;

-- Sent after the phase had closed: scored, never ranked.
alter table submissions add column late boolean not null default false;
