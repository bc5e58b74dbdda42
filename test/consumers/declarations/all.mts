// The compiler reads every declaration of every package.
export * as cli from '@tokenpair/cli';
export * as client from '@tokenpair/client';
export * as core from '@tokenpair/core';
export * as adapter from '@tokenpair/core/adapter';
export * as store from '@tokenpair/core/store';
export * as express from '@tokenpair/express';
export * as koa from '@tokenpair/koa';
export * as postgres from '@tokenpair/postgres';
export * as redis from '@tokenpair/redis';
export * as testing from '@tokenpair/testing';
