import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const target = process.env['HOLDFAST_API'];

/** Answers the API from memory while the interface is developed without a program; `HOLDFAST_MOCK` is the scenario. */
function mockApi(scenario: string): Plugin {
  return {
    name: 'holdfast-mock-api',
    apply: 'serve',
    async configureServer(server) {
      const { mockMiddleware } = await import('./e2e/mock/server');
      server.middlewares.use(mockMiddleware(scenario));
    },
  };
}

const scenario = process.env['HOLDFAST_MOCK'];

export default defineConfig({
  plugins: [react(), ...(scenario === undefined ? [] : [mockApi(scenario)])],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    ...(target === undefined ? {} : { proxy: { '/api': { target } } }),
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      output: {
        manualChunks: (id: string) => (id.includes('/node_modules/') && !id.includes('.css') ? 'vendor' : undefined),
      },
    },
  },
});
