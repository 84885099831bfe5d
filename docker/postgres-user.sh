#!/bin/sh
# Runs once, when the database is made. SQL that people register runs as this user: it is no superuser, reads no files of the
# server and runs no programs on it, and a query of it writes 10 GB of temporary files at most.
set -eu
psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv password FEATUREGRAPH_PASSWORD
CREATE ROLE featuregraph LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
ALTER ROLE featuregraph SET temp_file_limit = '10GB';
CREATE DATABASE featuregraph OWNER featuregraph;
SQL
