import { Command } from 'commander';
import { addApply } from './apply.ts';
import { addAudit } from './audit.ts';
import { addCodegen } from './codegen.ts';
import { addDestroy } from './destroy.ts';
import { addDev } from './dev.ts';
import { addDiff } from './diff.ts';
import { addDoctor } from './doctor.ts';
import { addDocuments } from './documents.ts';
import { addExport } from './export.ts';
import { addFeatures, addNearest } from './features.ts';
import { addDescribe, addGet } from './get.ts';
import { addHealth } from './health.ts';
import { addImport } from './import.ts';
import { addInit } from './init.ts';
import { addJobs } from './jobs.ts';
import { addKeys } from './keys.ts';
import { addLineage } from './lineage.ts';
import { addList, addSearch } from './list.ts';
import { addMaterialize, addTransform } from './materialize.ts';
import { addMcp } from './mcp.ts';
import { addPlan } from './plan.ts';
import { addPreview } from './preview.ts';
import { addPush } from './push.ts';
import { addSchema } from './schema.ts';
import { addSecrets } from './secrets.ts';
import { addStart } from './start.ts';
import { addTrainingSet } from './training-set.ts';
import { packageVersion } from './version.ts';

/** One file a command; each loads what it works with once it is called, so that `--help` waits for none of it. */
export const program = new Command('featuregraph')
  .description('A feature store whose whole API is one GraphQL graph.')
  .version(packageVersion(), '--version', 'prints the version')
  .enablePositionalOptions();

const groups = {
  'Run:': [addStart, addDev, addHealth, addDoctor],
  'Define:': [addInit, addPlan, addApply, addExport, addImport, addDestroy],
  'Look:': [addList, addSearch, addGet, addDescribe, addLineage, addDiff, addPreview, addSchema],
  'Work:': [addMaterialize, addTransform, addJobs, addTrainingSet],
  'Serve:': [addFeatures, addNearest, addPush, addCodegen, addMcp],
  'Guard:': [addKeys, addAudit, addDocuments, addSecrets],
};
for (const [heading, commands] of Object.entries(groups)) {
  program.commandsGroup(heading);
  for (const add of commands) add(program);
}
