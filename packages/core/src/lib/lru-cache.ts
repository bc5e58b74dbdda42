// The one place that meets the package lru-cache.

export { LRUCache } from 'lru-cache';
