"""The safeguards of the protocol, each of which can be taken away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """What the processes heed; the product heeds everything.

    Without `look_compares_the_turn` a look still compares epoch and status before it deletes rows.
    """

    # Of values and tokens
    stamps_name_the_epoch: bool = True
    identity_changes_with_promotion: bool = True
    token_is_seen_before_the_query: bool = True
    flights_are_named_by_stamp: bool = True

    # Of writers
    rows_are_written: bool = True
    writer_waits_if_not_announced: bool = True
    discard_compares_the_epoch: bool = True
    discard_uses_the_epoch_that_was_announced_in: bool = True
    rows_stay_while_an_epoch_settles: bool = True
    unknown_commit_keeps_its_rows: bool = True
    idle_is_set_only_while_rows_wait: bool = True

    # Of leases
    hits_need_a_lease: bool = True
    lease_counts_from_before_the_look: bool = True
    look_announces_what_waits: bool = True
    look_compares_the_state_before_deleting: bool = True
    look_compares_the_turn: bool = True

    # Of choosing a server
    another_server_waits_for_leases: bool = True
    swap_compares_the_status: bool = True
    # Not one identity for all nodes of a Cluster.
    identity_is_that_of_the_slots_owner: bool = True

    # Of marks; only the stronger promise about killed writers needs them.
    marks_are_set: bool = True
    marks_end_one_by_one: bool = True

    @property
    def beliefs_end_with_leases(self) -> bool:
        """Tell whether a process that has lost its lease on an earlier epoch can do no harm with what it believes."""
        return (
            self.hits_need_a_lease
            and self.discard_compares_the_epoch
            and self.discard_uses_the_epoch_that_was_announced_in
            and self.look_compares_the_state_before_deleting
        )

    @property
    def stamps_tell_the_age(self) -> bool:
        """Tell whether nothing is believed but what carries its epoch and the tag's present token."""
        return self.stamps_name_the_epoch and self.token_is_seen_before_the_query and self.flights_are_named_by_stamp
