import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Zod tries whether it may make code from text, which the policy of the page forbids and reports.
      output: { banner: '(globalThis.__zod_globalConfig ??= {}).jitless = true;' },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:4100' } },
})
