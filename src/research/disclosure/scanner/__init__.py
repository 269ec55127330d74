"""What stands in the finished files, read anew: shares no code with the rules that made them.

The rules of ``disclosure.rules`` look at results before they are drawn; this looks at what a
stranger gets, whatever made it.
"""

from research.disclosure.scanner.scan import Finding, Known, Scan, scan_folder

__all__ = ["Finding", "Known", "Scan", "scan_folder"]
