import type { DefaultTheme } from 'vitepress';
export const nav: DefaultTheme.NavItem[] = [];
export const sidebar: DefaultTheme.Sidebar = [];
