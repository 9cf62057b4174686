import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const FOLDER = join(import.meta.dirname, '../../step-functions');

const Retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().int(),
  BackoffRate: z.number(),
  MaxAttempts: z.number().int(),
  MaxDelaySeconds: z.number().int(),
  JitterStrategy: z.literal('FULL'),
});
const Catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Assign: z.record(z.string(), z.unknown()).optional(),
  Next: z.string(),
});
const Task = z.strictObject({
  Type: z.literal('Task'),
  Resource: z.string(),
  Arguments: z.record(z.string(), z.unknown()),
  TimeoutSeconds: z.union([z.number(), z.string()]),
  Assign: z.record(z.string(), z.unknown()).optional(),
  Retry: z.array(Retrier).min(1),
  Catch: z.array(Catcher).min(1),
  Next: z.string().optional(),
  End: z.boolean().optional(),
});
const Choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z.array(z.strictObject({ Condition: z.string(), Next: z.string() })).min(1),
  Default: z.string(),
});
const Fail = z.strictObject({ Type: z.literal('Fail'), Error: z.string(), Cause: z.string() });
const State = z.discriminatedUnion('Type', [Task, Choice, Fail]);
const Machine = z.strictObject({
  Comment: z.string(),
  QueryLanguage: z.literal('JSONata'),
  StartAt: z.string(),
  TimeoutSeconds: z.number().int(),
  States: z.record(z.string(), State),
});

export type Task = z.infer<typeof Task>;
export type State = z.infer<typeof State>;
export type Choice = z.infer<typeof Choice>;
export type Machine = z.infer<typeof Machine>;

/** The text of each file with its placeholders filled, the way CloudFormation fills them. */
export const textOf = (kind: string): string => readFileSync(join(FOLDER, `${kind}.asl.yaml`), 'utf8');

export const KINDS = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.asl.yaml'))
  .map((file) => basename(file, '.asl.yaml'));

const arnOf = (placeholder: string): string => `arn:aws:lambda:eu-central-1:123456789012:function:${placeholder}`;

/** The definition as it is deployed, each function's ARN ending in the name of its placeholder. */
export const definitionOf = (kind: string): unknown =>
  parse(
    textOf(kind)
      .replaceAll(/\$\{Partition\}/g, 'aws')
      .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => arnOf(name)),
  );

const machines = new Map<string, Machine>();

/** The same, held to the shape that every file of ours has: time-out, Retry and Catch on each Task, no other state types than Task, Choice and Fail. */
export const machineOf = (kind: string): Machine => {
  const machine = machines.get(kind) ?? Machine.parse(definitionOf(kind));
  machines.set(kind, machine);
  return machine;
};

export const tasksOf = (machine: Machine): [string, Task][] =>
  Object.entries(machine.States).filter((entry): entry is [string, Task] => entry[1].Type === 'Task');

export const placeholdersOf = (kind: string): string[] => [
  ...new Set([...textOf(kind).matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)),
];

/** Every `{% … %}` in a value, with the path to it. */
export const expressionsIn = (value: unknown, path = ''): { path: string; code: string }[] => {
  if (typeof value === 'string') {
    const [, code] = value.match(/^\{%\s*([\s\S]*?)\s*%\}$/) ?? [];
    return code === undefined ? [] : [{ path, code }];
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, each]) => expressionsIn(each, `${path}/${key}`));
};

/** Every key in a value, at any depth. */
export const keysIn = (value: unknown): string[] =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([key, each]) => [key, ...keysIn(each)]);
