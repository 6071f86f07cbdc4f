-- Why a team is a baseline, which is shown on leaderboards and not ranked; nothing for a team that is ranked.
alter table teams add column baseline text;
