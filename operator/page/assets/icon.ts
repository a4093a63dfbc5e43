/** A gate with a pane of ice. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#0b5cad"/>
<path d="M8 25V12a8 8 0 0 1 16 0v13" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/>
<path d="M12 18l3 3 6-7" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>
</svg>
`
