// The script of an app on a phone, as its bundler makes it: one file without modules.
import { Heurist } from '@heurist/core';
import { useNetwork } from './use-network.ts';

Object.assign(globalThis, { Heurist, useNetwork });
