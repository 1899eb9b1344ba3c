#!/bin/sh
# Runs once, on an empty volume: a role and a database each for the plant and for Prefect.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv plant PLANT_DB_PASSWORD
\getenv prefect PREFECT_DB_PASSWORD
CREATE ROLE technopro LOGIN PASSWORD :'plant';
CREATE ROLE prefect LOGIN PASSWORD :'prefect';
CREATE DATABASE technopro OWNER technopro;
CREATE DATABASE prefect OWNER prefect;
REVOKE ALL ON DATABASE technopro, prefect FROM PUBLIC;
\connect prefect
CREATE EXTENSION pg_trgm; -- Prefect searches with it
SQL
