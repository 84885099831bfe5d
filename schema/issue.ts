import type { Issue } from '../providers/contract/failure.ts';
import { builder } from './builder.ts';

export const IssueType = builder.objectRef<Issue>('Issue').implement({
  description: 'Something that is wrong with an input.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where, as definitions[3].features[0].type.' }),
    message: t.exposeString('message', { description: 'What.' }),
    fix: t.exposeString('fix', {
      nullable: true,
      description: 'What would put it right, where there is something to say.',
    }),
  }),
});
