import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { parse } from 'yaml';
import * as z from 'zod';
import { ROOT } from '../bundles.ts';
import { ConfigFault } from '../config.ts';
import { documentName, pascal } from '../names.ts';

/** What the plane holds a document to: no text reaches the host's shell but as an environment variable that was matched first. */
const Parameter = z.looseObject({
  type: z.literal('String'),
  description: z.string(),
  interpolationType: z.literal('ENV_VAR'),
  allowedPattern: z
    .string()
    .regex(/^\^.*\$$/, 'anchored at both ends')
    .optional(),
  allowedValues: z.array(z.string()).optional(),
});
const Document = z.looseObject({
  schemaVersion: z.literal('2.2'),
  description: z.string(),
  parameters: z.record(
    z.string(),
    Parameter.refine(({ allowedPattern, allowedValues }) => allowedPattern ?? allowedValues, 'has no allowedPattern'),
  ),
  mainSteps: z.array(z.looseObject({ action: z.literal('aws:runShellScript') })).min(1),
});

export type Fill = Readonly<Record<string, unknown>>;

export interface CommandDocumentProps {
  readonly installation: string;
  /** File stem in ssm-documents/. */
  readonly verb: string;
  /** Values of `${Placeholder}`: text in a text, or anything where it stands alone. */
  readonly fill: Fill;
}

/** One verb that hosts obey: an SSM Command document whose text is a file. */
export class CommandDocument extends Construct {
  readonly documentName: string;

  constructor(scope: Construct, id: string, { installation, verb, fill }: CommandDocumentProps) {
    super(scope, id);
    this.documentName = documentName(installation, pascal(verb));
    new CfnDocument(this, 'Document', {
      name: this.documentName,
      documentType: 'Command',
      documentFormat: 'JSON',
      updateMethod: 'NewVersion',
      content: readDocument(verb, fill),
    });
  }
}

/** The document with its placeholders filled. @throws ConfigFault where a parameter is not guarded */
export const readDocument = (verb: string, fill: Fill): Record<string, unknown> => {
  const file = join(ROOT, 'ssm-documents', `${verb}.yaml`);
  const read = Document.safeParse(filled(parse(readFileSync(file, 'utf8')), fill));
  if (read.success) return read.data;
  const wrong = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigFault(`ssm-documents/${verb}.yaml: ${wrong.join('; ')}.`);
};

/** Fills after parsing, so that a value of many lines keeps YAML's indentation out of the script. */
export const filled = (node: unknown, fill: Fill): unknown => {
  if (typeof node === 'string') {
    const [, alone] = node.match(/^\$\{([A-Z]\w*)\}$/) ?? [];
    if (alone !== undefined && fill[alone] !== undefined) return fill[alone];
    return node.replace(/\$\{([A-Z]\w*)\}/g, (all, name: string) => String(fill[name] ?? all));
  }
  if (Array.isArray(node)) return node.map((item) => filled(item, fill));
  if (node !== null && typeof node === 'object') {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, filled(value, fill)]));
  }
  return node;
};
