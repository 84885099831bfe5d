export { readConfiguration } from '../src/config/configuration.ts';
export { type ProcessRoles, type RunningProcess, startProcess } from './process.ts';
