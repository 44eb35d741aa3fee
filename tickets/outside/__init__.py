"""Forms that anybody may fill in: `/forms/<type>/`, without log-in and without a chat."""
