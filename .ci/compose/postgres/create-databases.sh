#!/bin/sh
# Runs once, when the volume is empty: a role and a database for every service, and nobody reads anybody else's.
# The passwords are in the environment as AERONA_<DATABASE>_PASSWORD; psql reads them itself, so that none stands in a command line.
set -eu
export PGPASSWORD="${PGPASSWORD:-${POSTGRES_PASSWORD:?is not set}}"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --command 'REVOKE ALL ON DATABASE postgres FROM PUBLIC' --command 'REVOKE ALL ON DATABASE template1 FROM PUBLIC'
for database in operations airlines search bookings payments tickets notifications users sandbox; do
  variable=AERONA_$(printf '%s' "$database" | tr '[:lower:]' '[:upper:]')_PASSWORD
  eval ": \"\${$variable:?is not set}\""
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set database="$database" --set variable="$variable" <<'SQL'
\getenv password :variable
CREATE ROLE :"database" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 24 PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"database";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
\connect :database
ALTER SCHEMA public OWNER TO :"database";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
done
