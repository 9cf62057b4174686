import { playShare } from '../support/simulation/share-of-schedules.ts';

playShare('second');
