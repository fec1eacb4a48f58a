/** The writers of the lab's host: that of Hyper-V, and one of the system beside it. */
export const WRITERS = [
  {
    name: 'System Writer',
    id: 'e8132975-6f93-4464-a53e-1050253ae220',
    instance: '2f9a1c3e-7c5b-4a57-9a1e-0d5b1f1c7a01',
  },
  {
    name: 'Microsoft Hyper-V VSS Writer',
    id: '66841cd4-6ded-4f4b-8f17-fd23f8ddc3de',
    instance: '5d8e1a70-3c49-4f0e-8a8b-6d0c3f0e9b02',
  },
] as const;
