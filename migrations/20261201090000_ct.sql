-- When the CT was imported that a case's truth was drawn in; nothing where it was not.
alter table cases add column ct_at timestamptz;
