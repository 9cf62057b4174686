import * as z from 'zod';

/**
 * Reads this module's settings from the environment, once, at cold start: the only place where process.env occurs.
 * A wrong or missing variable fails the function before it takes work, naming each variable.
 */
export const env = <Shape extends z.ZodRawShape>(shape: Shape): z.infer<z.ZodObject<Shape>> => {
  const read = z.object(shape).safeParse(process.env);
  if (read.success) return read.data;
  const wrong = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The function's environment is wrong: ${wrong.join('; ')}`);
};

/** A variable that must be there and not be empty. */
export const text = z.string().min(1);

/** A variable that holds JSON of this shape. */
export const json = <Shape extends z.ZodType>(shape: Shape) =>
  z
    .string()
    .transform((value, context) => {
      try {
        // What it is, the shape says.
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue('no JSON');
        return z.NEVER;
      }
    })
    .pipe(shape);

/** A comma-separated variable; an empty one is an empty list. */
export const csv = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
