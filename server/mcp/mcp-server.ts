import { type Featuregraph, FeaturegraphError } from '@featuregraph/client';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool as ToolListing,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { packageVersion } from '../cli/version.ts';
import { changingTools } from './changing-tools.ts';
import { lookingTools } from './looking-tools.ts';
import type { Effect, Tool } from './tool.ts';
import { valueTools } from './value-tools.ts';

const reading = [...lookingTools, ...valueTools];

const instructions =
  'featuregraph is a feature store. Sources are rows, feature views are features of one entity taken from a source, feature ' +
  'services are what models read online, training sets join features to labels as of each moment. Find things with search and ' +
  'list, look at them with describe, lineage and preview_source, and read values with get_features. Write definitions as ' +
  'definition_format says, and plan them before anything is applied. What fails has a code, and issues with the path of each ' +
  'wrong input and how to mend it.';

/** featuregraph as tools of the Model Context Protocol, as whoever the client asks as. */
export function mcpServer(client: Featuregraph, allowChanges: boolean): Server {
  const tools = new Map([...reading, ...(allowChanges ? changingTools : [])].map((one) => [one.name, one]));
  const server = new Server(
    { name: 'featuregraph', title: 'featuregraph', version: packageVersion() },
    { capabilities: { tools: {} }, instructions },
  );
  const listings = [...tools.values()].map(listed);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listings }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    try {
      const asked = tools.get(params.name);
      if (asked === undefined) throw noTool(params.name);
      return answered(await asked.run(client, params.arguments ?? {}, signal));
    } catch (error) {
      return failed(error);
    }
  });
  return server;
}

const hints: Readonly<Record<Effect, object>> = {
  READ: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  ADD: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  CHANGE: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
};

function listed({ name, title, description, input, effect }: Tool): ToolListing {
  const { $schema: _dialect, ...inputSchema } = z.toJSONSchema(input, { io: 'input' });
  const annotations = { title, ...hints[effect], openWorldHint: false };
  return { name, title, description, inputSchema: inputSchema as ToolListing['inputSchema'], annotations };
}

function noTool(name: string): FeaturegraphError {
  const isOff = changingTools.some((one) => one.name === name);
  const fix = isOff
    ? 'Start `featuregraph mcp` with --allow-changes, where it is meant.'
    : 'tools/list says which there are.';
  return new FeaturegraphError(
    isOff ? 'FORBIDDEN' : 'NOT_FOUND',
    isOff ? `"${name}" is off.` : `There is no tool "${name}".`,
    {
      issues: [{ path: 'name', message: isOff ? 'changes something' : 'is no tool', fix }],
    },
  );
}

/** Both for programs and, as text, for the models that read no structure. */
function answered(value: object): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: { ...value } };
}

/** What failed, by the codes of `docs/errors.md`. Whatever isn't told by the server or the input is a defect here. */
function failed(error: unknown): CallToolResult {
  return { ...answered({ error: toldError(error) }), isError: true };
}

function toldError(error: unknown) {
  if (error instanceof z.ZodError) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    return { code: 'INVALID_INPUT', message: 'The input of the tool is not valid.', issues, retryable: false };
  }
  if (error instanceof FeaturegraphError) {
    const { code, message, issues, retryable } = error;
    return { code, message: message.split('\n  ')[0] ?? message, issues, retryable };
  }
  return { code: 'INTERNAL', message: `The tool failed: ${String(error)}`, issues: [], retryable: false };
}
