"""Reports: the numbers of a period on one page, as HTML, mail, PDF and XLSX.

`model.report_of` and `user_model.report_of_user` ask the metrics once; what writes a file computes
nothing and never reads the warehouse.
"""
