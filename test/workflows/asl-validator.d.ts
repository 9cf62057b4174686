/** asl-validator ships no types. */
declare module 'asl-validator' {
  const validate: (definition: unknown) => { isValid: boolean; errors: readonly unknown[]; errorsText?: () => string };
  export default validate;
}
