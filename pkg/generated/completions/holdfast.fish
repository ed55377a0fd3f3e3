# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_holdfast_global_optspecs
    string join \n simulate= sim-dir= v/verbose h/help V/version
end

function __fish_holdfast_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_holdfast_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_holdfast_using_subcommand
    set -l cmd (__fish_holdfast_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c holdfast -n "__fish_holdfast_needs_command" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_needs_command" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_needs_command" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_needs_command" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_needs_command" -s V -l version -d 'Print version'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "check" -d 'Look at every control; change nothing, write nothing'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "plan" -d 'Show what enforce would change, with the exact commands and what is there now; change nothing'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "enforce" -d 'Look, mend what root can mend, look again, and keep the evidence'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "daemon" -d 'Hold the settings from now on: passes on schedule and whenever a file changes; what launchd starts'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "status" -d 'How each control stands, and since when, from the ledger'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "posture" -d 'What decides whether this Mac may be trusted: each fact with when it was seen, unknown where that is too long ago'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "frameworks" -d 'Which requirements of a framework are met on this Mac, and by which controls; looks at everything, changes nothing'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "schedule" -d 'What is done when: last run, result, next due, and what was missed'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "log" -d 'Show, verify or flush the ledger'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "sign-out" -d 'How the sign-outs of Jamf Trust stand; or make one now'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "controls" -d 'List the catalogue'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "explain" -d 'Everything about one control, and what can be done about it on this Mac'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "config" -d 'Show the policy in force, or validate a policy file'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "doctor" -d 'What is wrong with this installation'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "ea" -d 'Print one fact from the state file, in the tags of a Jamf Pro extension attribute'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "fact" -d 'Print one fact from the state file, bare'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "audit" -d 'Exit with 0 where the state file says that all holds, 1 where something does not, 2 where it cannot be told'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "profile" -d 'Make a configuration profile or declaration for an MDM; prints it, changes nothing'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "restore" -d 'Put back what the agent changed, and hold it so in audit mode until policy changes or holdfast resume'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "resume" -d 'Let the agent mend again what was put back'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "uninstall" -d 'Remove the agent from this Mac'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "interpret" -d 'Say what the agent makes of a tool\'s output: reads what a tool printed; runs nothing'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "as-user" -d 'Run a program as a user; the agent starts itself so inside the user\'s login session'
complete -c holdfast -n "__fish_holdfast_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -l control -d 'Only this control; may be given several times' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -l preset -d 'This preset instead of the policy\'s level or preset; what policy says of single controls stands over it' -r -f -a "level-1\t''
level-2\t''
level-3\t''
ncsc\t''
jumpcloud\t''
how-to-harden\t''
cis-level-1\t''
cis-level-2\t''"
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -l level -d 'Level 1, 2 or 3 instead of the policy\'s level or preset; with a preset that has levels, how far that goes' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand check" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -l control -d 'Only this control; may be given several times' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -l preset -d 'This preset instead of the policy\'s level or preset; what policy says of single controls stands over it' -r -f -a "level-1\t''
level-2\t''
level-3\t''
ncsc\t''
jumpcloud\t''
how-to-harden\t''
cis-level-1\t''
cis-level-2\t''"
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -l level -d 'Level 1, 2 or 3 instead of the policy\'s level or preset; with a preset that has levels, how far that goes' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand plan" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -l control -d 'Only this control; may be given several times' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -l preset -d 'This preset instead of the policy\'s level or preset; what policy says of single controls stands over it' -r -f -a "level-1\t''
level-2\t''
level-3\t''
ncsc\t''
jumpcloud\t''
how-to-harden\t''
cis-level-1\t''
cis-level-2\t''"
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -l level -d 'Level 1, 2 or 3 instead of the policy\'s level or preset; with a preset that has levels, how far that goes' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand enforce" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand daemon" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand daemon" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand daemon" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand daemon" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand status" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand status" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand status" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand status" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand status" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand posture" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand posture" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand posture" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand posture" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand posture" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand frameworks" -l framework -d 'Only this one: nist-800-53r5, cis-v8, soc2, cis-macos or stig' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand frameworks" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand frameworks" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand frameworks" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand frameworks" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand frameworks" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand schedule" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand schedule" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand schedule" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand schedule" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand schedule" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -l control -d 'Only entries about this control' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -l since -d 'Only entries from then on: RFC 3339, YYYY-MM-DD, or how long ago (12h, 7d, 4w)' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -l run -d 'Only entries of this run' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -l state -d 'Only entries that say a control is so: compliant, fixed, drifted, contested, unknown, not_applicable, off or exempt' -r -f -a "compliant\t''
fixed\t''
drifted\t''
contested\t''
unknown\t''
not_applicable\t''
off\t''
exempt\t''"
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -l json -d 'Print the entries as they stand in the ledger, one JSON object a line'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -f -a "verify" -d 'Find any edit, cut or reorder'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -f -a "flush" -d 'Remove whole old segments; the chain\'s start stays provable'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and not __fish_seen_subcommand_from verify flush help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from verify" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from verify" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from flush" -l older-than -d 'How old: 90d, 12h, 4w' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from flush" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from flush" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from flush" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from flush" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Find any edit, cut or reorder'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "flush" -d 'Remove whole old segments; the chain\'s start stays provable'
complete -c holdfast -n "__fish_holdfast_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -l user -d 'Sign out this user instead of the one at the screen; a short name, and they must be logged in' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -l now -d 'Sign the user at the screen out of Jamf Trust now, without notice'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -f -a "history" -d 'Every sign-out on record, one a line'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and not __fish_seen_subcommand_from history help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and __fish_seen_subcommand_from history" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and __fish_seen_subcommand_from history" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and __fish_seen_subcommand_from history" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and __fish_seen_subcommand_from history" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and __fish_seen_subcommand_from help" -f -a "history" -d 'Every sign-out on record, one a line'
complete -c holdfast -n "__fish_holdfast_using_subcommand sign-out; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand controls" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand controls" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand controls" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand controls" -l markdown -d 'Print the manual page docs/controls.md'
complete -c holdfast -n "__fish_holdfast_using_subcommand controls" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand controls" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand explain" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand explain" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand explain" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand explain" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand explain" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and not __fish_seen_subcommand_from show validate help" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and not __fish_seen_subcommand_from show validate help" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and not __fish_seen_subcommand_from show validate help" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and not __fish_seen_subcommand_from show validate help" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and not __fish_seen_subcommand_from show validate help" -f -a "show" -d 'Each value in force, with where it came from'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and not __fish_seen_subcommand_from show validate help" -f -a "validate" -d 'Check a policy file, as an administrator\'s own CI would'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and not __fish_seen_subcommand_from show validate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from show" -l preset -d 'This preset instead of the policy\'s level or preset; what policy says of single controls stands over it' -r -f -a "level-1\t''
level-2\t''
level-3\t''
ncsc\t''
jumpcloud\t''
how-to-harden\t''
cis-level-1\t''
cis-level-2\t''"
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from show" -l level -d 'Level 1, 2 or 3 instead of the policy\'s level or preset; with a preset that has levels, how far that goes' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from show" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from show" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from validate" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from validate" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from validate" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Each value in force, with where it came from'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "validate" -d 'Check a policy file, as an administrator\'s own CI would'
complete -c holdfast -n "__fish_holdfast_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand doctor" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand doctor" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand doctor" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand doctor" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand ea" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand ea" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand ea" -l list -d 'List the names, with what each can say'
complete -c holdfast -n "__fish_holdfast_using_subcommand ea" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand ea" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand fact" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand fact" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand fact" -l list -d 'List the names, with what each can say'
complete -c holdfast -n "__fish_holdfast_using_subcommand fact" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand fact" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand audit" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand audit" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand audit" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand audit" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand audit" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -f -a "policy" -d 'The policy itself: a preset with overrides'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -f -a "companion" -d 'Apple\'s payloads for what a profile holds alone, or more firmly than root, at this preset on one macOS version'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -f -a "service" -d 'Keeps users from switching the daemon off: a managed background item'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -f -a "privacy" -d 'Full Disk Access for the agent'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and not __fish_seen_subcommand_from policy companion service privacy help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from policy" -l preset -d 'What to start from: level-1 to level-3, ncsc, jumpcloud, how-to-harden, cis-level-1 or cis-level-2' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from policy" -l set -d 'One value instead of the preset\'s, by its key in holdfast config show; lists with commas; may be given several times' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from policy" -l organization -d 'The organization\'s name, shown with the profile' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from policy" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from policy" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from policy" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from policy" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l preset -d 'What to start from: level-1 to level-3, ncsc, jumpcloud, how-to-harden, cis-level-1 or cis-level-2' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l set -d 'One value instead of the preset\'s, by its key in holdfast config show; lists with commas; may be given several times' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l organization -d 'The organization\'s name, shown with the profile' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l macos -d 'For which macOS major version: 14, 15, 26 or 27' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l declarations -d 'Instead of the profile print the declarations, as a JSON array; with a TYPE such as softwareupdate.settings that one alone' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l update-by -d 'Declare that the lowest allowed macOS is installed by then: local time, YYYY-MM-DDThh:mm:ss' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l escrow-certificate -d 'The certificate that FileVault\'s recovery keys are encrypted to, DER or PEM; without it escrow is left to your MDM' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l escrow-location -d 'Where the recovery keys are kept, in words for the user' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l screen-saver -d 'The screen saver that is named with the screen lock, as Apple wants one named' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from companion" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from service" -l organization -d 'The organization\'s name, shown with the profile' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from service" -l team-id -d 'The team identifier that the package is signed with; without it any job of this label matches' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from service" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from service" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from service" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from service" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from privacy" -l organization -d 'The organization\'s name, shown with the profile' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from privacy" -l code-requirement -d 'The program\'s designated requirement, as codesign -dr - prints it' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from privacy" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from privacy" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from privacy" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from privacy" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "policy" -d 'The policy itself: a preset with overrides'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "companion" -d 'Apple\'s payloads for what a profile holds alone, or more firmly than root, at this preset on one macOS version'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "service" -d 'Keeps users from switching the daemon off: a managed background item'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "privacy" -d 'Full Disk Access for the agent'
complete -c holdfast -n "__fish_holdfast_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l control -d 'What was changed for this control; may be given several times' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l run -d 'What this run changed, by its id in the ledger, and nothing beside' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l all -d 'Everything that the agent changed'
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l dry-run -d 'Say what would be put back, and by which command; change nothing, write nothing'
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l force -d 'Put back also what somebody else has changed since'
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand restore" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand resume" -l control -d 'This control; may be given several times' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand resume" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand resume" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand resume" -l all -d 'Every control that is held'
complete -c holdfast -n "__fish_holdfast_using_subcommand resume" -l json -d 'Print JSON'
complete -c holdfast -n "__fish_holdfast_using_subcommand resume" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand resume" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand uninstall" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand uninstall" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand uninstall" -l restore -d 'Put back what the agent changed, before it goes'
complete -c holdfast -n "__fish_holdfast_using_subcommand uninstall" -l keep-logs -d 'Leave the compliance log where it is; so it is without this option, too'
complete -c holdfast -n "__fish_holdfast_using_subcommand uninstall" -l remove-logs -d 'Remove the compliance log and the Jamf Trust log as well'
complete -c holdfast -n "__fish_holdfast_using_subcommand uninstall" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand uninstall" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand interpret" -l stdout -d 'What the tool printed on standard output; - is standard input' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand interpret" -l stderr -d 'What it printed on standard error; - is standard input' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand interpret" -l status -d 'Its exit status' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand interpret" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand interpret" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand interpret" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand interpret" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand as-user" -l simulate -d 'Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac' -r
complete -c holdfast -n "__fish_holdfast_using_subcommand as-user" -l sim-dir -d 'Keep the simulated Mac in this folder: its state, preference files, policy and ledger' -r -F
complete -c holdfast -n "__fish_holdfast_using_subcommand as-user" -s v -l verbose -d 'Tell on standard error what is being done'
complete -c holdfast -n "__fish_holdfast_using_subcommand as-user" -s h -l help -d 'Print help'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "check" -d 'Look at every control; change nothing, write nothing'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "plan" -d 'Show what enforce would change, with the exact commands and what is there now; change nothing'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "enforce" -d 'Look, mend what root can mend, look again, and keep the evidence'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "daemon" -d 'Hold the settings from now on: passes on schedule and whenever a file changes; what launchd starts'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "status" -d 'How each control stands, and since when, from the ledger'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "posture" -d 'What decides whether this Mac may be trusted: each fact with when it was seen, unknown where that is too long ago'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "frameworks" -d 'Which requirements of a framework are met on this Mac, and by which controls; looks at everything, changes nothing'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "schedule" -d 'What is done when: last run, result, next due, and what was missed'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "log" -d 'Show, verify or flush the ledger'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "sign-out" -d 'How the sign-outs of Jamf Trust stand; or make one now'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "controls" -d 'List the catalogue'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "explain" -d 'Everything about one control, and what can be done about it on this Mac'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "config" -d 'Show the policy in force, or validate a policy file'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "doctor" -d 'What is wrong with this installation'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "ea" -d 'Print one fact from the state file, in the tags of a Jamf Pro extension attribute'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "fact" -d 'Print one fact from the state file, bare'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "audit" -d 'Exit with 0 where the state file says that all holds, 1 where something does not, 2 where it cannot be told'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "profile" -d 'Make a configuration profile or declaration for an MDM; prints it, changes nothing'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "restore" -d 'Put back what the agent changed, and hold it so in audit mode until policy changes or holdfast resume'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "resume" -d 'Let the agent mend again what was put back'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "uninstall" -d 'Remove the agent from this Mac'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "interpret" -d 'Say what the agent makes of a tool\'s output: reads what a tool printed; runs nothing'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "as-user" -d 'Run a program as a user; the agent starts itself so inside the user\'s login session'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and not __fish_seen_subcommand_from check plan enforce daemon status posture frameworks schedule log sign-out controls explain config doctor ea fact audit profile restore resume uninstall interpret as-user help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "verify" -d 'Find any edit, cut or reorder'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "flush" -d 'Remove whole old segments; the chain\'s start stays provable'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from sign-out" -f -a "history" -d 'Every sign-out on record, one a line'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Each value in force, with where it came from'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "validate" -d 'Check a policy file, as an administrator\'s own CI would'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "policy" -d 'The policy itself: a preset with overrides'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "companion" -d 'Apple\'s payloads for what a profile holds alone, or more firmly than root, at this preset on one macOS version'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "service" -d 'Keeps users from switching the daemon off: a managed background item'
complete -c holdfast -n "__fish_holdfast_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "privacy" -d 'Full Disk Access for the agent'
