import type { Migration } from 'kysely/migration';
import { createRegistryAndJobs } from './0001-registry-and-jobs.ts';
import { createSourceColumns } from './0002-source-columns.ts';
import { createStoredVersions } from './0003-stored-versions.ts';
import { nameRetrievals } from './0004-named-retrievals.ts';
import { createAccess } from './0005-access.ts';
import { createDocuments } from './0006-trusted-documents.ts';
import { createAudit } from './0007-audit.ts';
import { countComputingErrors } from './0009-computing-errors.ts';
import { createDownloadTickets } from './0010-download-tickets.ts';

/** Every migration by name, in order of name. A released one never changes; a new one goes at the end. */
export function migrations(schema: string): Record<string, Migration> {
  return {
    '0001-registry-and-jobs': { up: (db) => createRegistryAndJobs(db, schema) },
    '0002-source-columns': { up: (db) => createSourceColumns(db, schema) },
    '0003-stored-versions': { up: (db) => createStoredVersions(db, schema) },
    '0004-named-retrievals': { up: (db) => nameRetrievals(db, schema) },
    '0005-access': { up: (db) => createAccess(db, schema) },
    '0006-trusted-documents': { up: (db) => createDocuments(db, schema) },
    '0007-audit': { up: (db) => createAudit(db, schema) },
    '0009-computing-errors': { up: (db) => countComputingErrors(db, schema) },
    '0010-download-tickets': { up: (db) => createDownloadTickets(db, schema) },
  };
}
