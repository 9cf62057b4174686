import { GetParameterCommand, type Parameter } from '@aws-sdk/client-ssm';
import { ssm } from '../../runtime/clients.ts';
import { NotTold } from './webhook.ts';

/** A secret that was changed is used at last after this time. */
const KEEP_MS = 5 * 60_000;

/** By parameter, and in this memory alone. */
const known = new Map<string, { readonly value: string; readonly until: number }>();

/** Systems Manager's own answers that a person has to mend. */
const LASTING: ReadonlySet<string> = new Set(['ParameterNotFound', 'AccessDeniedException', 'InvalidKeyId']);

/** @throws NotTold, never with what it holds */
const read = async (Name: string): Promise<Parameter | undefined> => {
  try {
    return (await ssm().send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    throw new NotTold(`the parameter ${Name} cannot be read: ${name}`, !LASTING.has(name));
  }
};

/** The secret that a parameter holds, at most five minutes old. @throws NotTold where there is none */
export const secretOf = async (name: string): Promise<string> => {
  const before = known.get(name);
  if (before && before.until > Date.now()) return before.value;
  const { Type, Value = '' } = (await read(name)) ?? {};
  const value = Value.trim();
  if (Type !== 'SecureString') throw new NotTold(`the parameter ${name} is no SecureString`, false);
  if (value === '') throw new NotTold(`the parameter ${name} is empty`, false);
  known.set(name, { value, until: Date.now() + KEEP_MS });
  return value;
};

/** Reads these anew when they are next asked for. */
export const forget = (names: Iterable<string>): void => {
  for (const name of names) known.delete(name);
};
