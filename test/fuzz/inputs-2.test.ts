import { fuzzInputs } from './inputs.ts';

fuzzInputs('second');
