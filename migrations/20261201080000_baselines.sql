-- Why a team is a baseline, which is shown on leaderboards and not ranked; nothing for a team that is ranked.
alter table teams add column baseline text;

-- What the overview shows beside the challenge's name: the synthetic example, a picture of the site, or nothing.
alter table challenge add column hero text not null default 'example' check (hero in ('example', 'picture', 'nothing'));
alter table challenge add column hero_picture text not null default '';
-- What is told of the picture to who doesn't see it.
alter table challenge add column hero_alt text not null default '';
